"""The accuracy report: what a model gets right, where it errs, and how far its own confidence can be trusted."""
