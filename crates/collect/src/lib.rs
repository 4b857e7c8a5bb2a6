//! From a request to a durable event, or the reason why not.
