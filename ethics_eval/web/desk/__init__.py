"""The case desk, the same for school and bureau: queue, case, steps. The reader's scope is in every query."""
