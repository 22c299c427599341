"""What drives any stage of training: settings, steps, processes, checkpoints."""
