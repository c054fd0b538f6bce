//! Many streams over one connection, with flow control
