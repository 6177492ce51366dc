"""Chat: what is said, with the turns before it, to an answer; translation from turns to the next."""
