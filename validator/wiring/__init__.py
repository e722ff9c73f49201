"""The only place that knows which implementation stands behind which port: a configuration in, a run's parts out."""
