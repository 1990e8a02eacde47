"""What plain HTTP is answered: health, rooms, metrics, results and the files of the browser client."""
