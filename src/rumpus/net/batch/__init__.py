"""Many clients' sockets read and written at once: the fast lane.

Nothing is imported here: `reader` needs epoll, and `kernels` needs numba besides, which not every server loads.
"""
