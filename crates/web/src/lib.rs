//! HTTP: tracker, collection endpoints, query API, dashboards, sign-in.
