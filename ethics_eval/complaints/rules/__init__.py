"""Pure rules of complaints and cases: the machine, the clocks, the form, the finding."""
