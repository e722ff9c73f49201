"""configs/*.yaml -> `EnvironmentConfig`: all mistakes at once, as `file:line:col: path: message` with remedies.

    load_environment("production")     environment.py   find, read and check one environment
    load_document(path, Model)         document.py      the same for any pydantic model (gate policies)
    Template.resolve(resolvers)        references.py    `${env:…}`, `${file:…}`, `${terraform:…}`, late and typed
    check_references(config, …)        preflight.py     every unset variable before anything runs
    ConfigError.problems               errors.py        what went wrong, as values

This package imports nothing by itself, so that catching a `ConfigError` costs nobody the import of pydantic.
"""
