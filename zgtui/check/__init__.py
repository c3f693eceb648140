"""Does a training script clear its gradients? What is recorded, judged and reported."""
