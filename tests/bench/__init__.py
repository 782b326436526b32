"""Speed beside the plain equivalent, as ratios of one run; never a timed test. Run: ``make bench``."""
