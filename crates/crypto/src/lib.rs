//! The few cryptographic functions of the stack, from one of two providers
