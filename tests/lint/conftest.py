"""The corpus is data: projects as users write them, with tests of their own."""

collect_ignore_glob = ["corpus/*"]
