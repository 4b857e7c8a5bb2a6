//! Relative paths that stay where they belong.

/// Whether a path leads nowhere but into the folder it is joined to: names separated by `/`, none of them empty, `.`
/// or `..`.
pub(crate) fn is_safe(path: &str) -> bool {
    !path.contains(['\0', '\\'])
        && path
            .split('/')
            .all(|name| !name.is_empty() && name != "." && name != "..")
}

/// Whether two paths are the same or one is a folder on the way to the other.
pub(crate) fn overlap(a: &str, b: &str) -> bool {
    a.split('/').zip(b.split('/')).all(|(a, b)| a == b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_lead_elsewhere_are_unsafe() {
        for (path, safe) in [
            ("a", true),
            ("a/b.c/..d", true),
            ("", false),
            ("/a", false),
            ("a/", false),
            ("a//b", false),
            ("../a", false),
            ("a/../../b", false),
            ("./a", false),
            ("a\0b", false),
            ("a\\b", false),
        ] {
            assert_eq!(is_safe(path), safe, "{path:?}");
        }
    }

    #[test]
    fn a_folder_overlaps_what_is_in_it() {
        for (a, b, want) in [
            ("a/b", "a/b", true),
            ("a", "a/b", true),
            ("a/b/c", "a/b", true),
            ("a/b", "a/bc", false),
            ("a/b", "b", false),
        ] {
            assert_eq!(overlap(a, b), want, "{a} {b}");
        }
    }
}
