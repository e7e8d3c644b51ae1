/* Reads pairs of lines, a pattern and a text with two hexadecimal digits a byte; prints 1 for each pair that fnmatch(3) matches, else 0. */
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

static char *unhex(char *line)
{
	size_t n = 0;
	unsigned byte;

	for (char *p = line; sscanf(p, "%2x", &byte) == 1; p += 2)
		line[n++] = (char)byte;
	line[n] = '\0';
	return line;
}

int main(void)
{
	static char pattern[65536], text[65536];

	while (fgets(pattern, sizeof pattern, stdin) && fgets(text, sizeof text, stdin))
		putchar(fnmatch(unhex(pattern), unhex(text), 0) == 0 ? '1' : '0');
	return 0;
}
