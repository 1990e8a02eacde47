"""The benchmark that anyone can repeat: `rumpus bench` is its command line.

Three processes take part, each on a core of its own where there are enough: this one, which conducts; the contestant;
and the load generator, which is the same for all contestants and reports its own processor time, so that it can be seen
not to be the limit. Absolute times differ from machine to machine and hour to hour. What counts are ratios between
contestants that take turns in one run, so nothing here compares with a figure of another run.
"""
