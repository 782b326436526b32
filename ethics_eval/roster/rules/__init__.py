"""Pure rules of the roster: school and teacher codes, stages, the working-day calendar."""
