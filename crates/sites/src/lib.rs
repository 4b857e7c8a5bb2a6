//! Clients, their sites, collection manifests, goals, tokens and site keys.
