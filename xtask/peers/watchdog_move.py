"""watchdog's FileClosedEvent: moves each file of the first folder to the second when a writer closes it."""

import os
import sys

from watchdog.events import FileSystemEventHandler
from watchdog.observers import Observer

source, destination = sys.argv[1:]


class Move(FileSystemEventHandler):
    def on_closed(self, event):
        os.rename(event.src_path, os.path.join(destination, os.path.basename(event.src_path)))


observer = Observer()
observer.schedule(Move(), source)
observer.start()
print("ready", flush=True)
observer.join()
