//! What is really the case, for tests to hold a reader's board against.
