//! The board of signals agrees with the plain board, whatever comes.
