//! The world outside: the card and bank processor, reached in process or over HTTP.
