"""A run as OpenTelemetry sees it: a tree of spans and metrics, sent to the team's collector when it is over."""
