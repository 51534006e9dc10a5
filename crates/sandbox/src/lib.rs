//! The sandbox card and bank processor: its own journal, library and program.
