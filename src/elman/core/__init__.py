"""The compiler: from the equations of a cell to graphs of its forward and backward step."""
