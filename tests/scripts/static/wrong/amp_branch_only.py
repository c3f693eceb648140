# expect: ZG103 at line 13
"""Mixed precision clears; the other branch never does."""


def train_one_epoch(model, criterion, loader, optimizer, scaler, use_amp):
    for x, y in loader:
        loss = criterion(model(x), y)
        if use_amp:
            optimizer.zero_grad()
            scaler.scale(loss).backward()
            scaler.step(optimizer)
        else:
            loss.backward(); optimizer.step()
