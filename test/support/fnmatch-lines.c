/* Reads pairs of lines, a pattern and a text; prints 1 for each pair that fnmatch(3) matches, else 0. */
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

static char *unended(char *line)
{
	line[strcspn(line, "\n")] = '\0';
	return line;
}

int main(void)
{
	static char pattern[65536], text[65536];

	while (fgets(pattern, sizeof pattern, stdin) && fgets(text, sizeof text, stdin))
		putchar(fnmatch(unended(pattern), unended(text), 0) == 0 ? '1' : '0');
	return 0;
}
