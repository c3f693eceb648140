# expect: ZG301 at line 20
"""Teacher and student train side by side; the student's loss reaches the teacher by its target."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
teacher, student = nn.Linear(6, 3), nn.Linear(6, 3)
teacher_opt = torch.optim.SGD(teacher.parameters(), 0.1)
student_opt = torch.optim.SGD(student.parameters(), 0.1)
for _ in range(12):
    x, y = torch.randn(8, 6), torch.randint(0, 3, (8,))
    teacher_opt.zero_grad()
    student_opt.zero_grad()
    hint = teacher(x)
    F.cross_entropy(hint, y).backward(retain_graph=True)
    soft = F.softmax(hint / 2, 1)
    guess = F.log_softmax(student(x) / 2, 1)
    (-(soft * guess).sum(1).mean() * 4).backward()
    teacher_opt.step()
    student_opt.step()
