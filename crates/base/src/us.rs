//! Postal, telephone and bank facts of the United States.
