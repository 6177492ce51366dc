"""The command `elman`: one thin file a command, over functions that Python programs can call too."""
