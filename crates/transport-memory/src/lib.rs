//! A transport inside one process, for tests
