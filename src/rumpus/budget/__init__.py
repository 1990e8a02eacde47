"""What whatever somebody does costs, and who pays for it: each address and each account, across their connections."""
