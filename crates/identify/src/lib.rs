//! Telling each other who one is, where one listens and what one speaks
