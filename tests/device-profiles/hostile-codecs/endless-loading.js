// Never comes as far as a frame.
for (;;);
