//! How updates change the model.
