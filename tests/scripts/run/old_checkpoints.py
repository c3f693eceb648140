"""Treats the checkpoints of an earlier training as people do, and looks for its own."""

import bz2
import glob
import os
import pickle
import shutil
from pathlib import Path

import torch
from torch import nn

torch.manual_seed(28)
model = nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x, y = torch.randn(12, 2), torch.randn(12, 1)
for i in range(4):
    optimizer.zero_grad()
    loss = (model(x) - y).pow(2).mean()
    loss.backward()
    optimizer.step()
    print(f"loss={loss.item()!r}")

descriptor = os.open("low.bin", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
os.write(descriptor, b"new")
os.close(descriptor)
with open(b"bytes.pt", "wb") as file:
    file.write(b"new")
with open("UPPER.CKPT", "w") as file:
    file.write("new")
with open("state.pkl", "wb") as file:
    pickle.dump(1, file)
with open("grows.bin", "ab") as file:
    file.write(b"+new")
assert open("grows.bin", "rb").read() == b"old+new"

with bz2.open("packed.pkl", "wb") as file:
    file.write(b"new")
assert bz2.open("packed.pkl").read() == b"new"
with Path("opened.pth").open("w") as file:
    file.write("new")
assert Path("opened.pth").read_text() == "new"
Path("moved.pth").rename("elsewhere.pth")
assert not Path("moved.pth").exists() and Path("elsewhere.pth").read_text() == "old"

with open("part.tmp", "w") as file:
    file.write("new")
os.replace("part.tmp", "over.pt")
assert open("over.pt").read() == "new" and not os.path.exists("part.tmp")
shutil.copy("notes.txt", "copied.pt")
assert open("copied.pt").read() == "notes"
os.rename("best.pt", "before.pt")
assert not os.path.exists("best.pt") and open("before.pt").read() == "old"
Path("pruned.pt").unlink()
assert not os.path.lexists("pruned.pt") and "pruned.pt" not in os.listdir(".")

shutil.rmtree("epochs")
assert not os.path.exists("epochs") and glob.glob("epochs/*") == []
os.makedirs("epochs")
assert os.listdir("epochs") == []
torch.save(model.state_dict(), "epochs/3.pt")
assert glob.glob("epochs/*.pt") == ["epochs/3.pt"]
assert [path.name for path in Path("epochs").iterdir()] == ["3.pt"]
assert sorted(glob.glob("*.[pP]*t")) == ["before.pt", "bytes.pt", "copied.pt", "over.pt"]
assert [name for _, _, names in os.walk("epochs") for name in names] == ["3.pt"]
with os.scandir(".") as entries:
    assert {"low.bin", "UPPER.CKPT"} < {entry.name for entry in entries}
with open("epochs/told.txt", "w") as file:  # also there before, and hidden with its folder
    file.write("new")
assert open("epochs/told.txt").read() == "new"
os.rename("kept", "aside")
assert not os.path.exists("kept") and open("aside/1.pt").read() == "old"
os.remove("single/1.pt")
os.rmdir("single")
assert not os.path.exists("single")

shutil.rmtree("scratch")
with open("../beside.txt", "w") as file:
    file.write("new")
