"""Ten lines for a notebook: two runs, their losses, a chart and a table."""

import zgtui

result = zgtui.compare(experiment="spirals", steps=200, clear_b="never", seed=1)
print(result)
print(result.plot(width=100, height=16))
for run in (result.a, result.b):
    print(run.name, run.settings.title, "loss", run.losses[-1], run.trend.words)
    print("accuracy", list(run.accuracy.values())[-1])
result.to_csv("spirals.csv", overwrite=True)
frame = result.to_dataframe()
print(frame.groupby("run")["loss"].describe())
