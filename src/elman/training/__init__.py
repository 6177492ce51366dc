"""Training: `elman.train(task, data, **options)`, on Lightning's loop."""
