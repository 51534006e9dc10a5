//! The JSON API: the endpoints, their presenters, and the two spellings.
