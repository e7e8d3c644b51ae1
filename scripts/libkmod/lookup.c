/*
 * lookup MODULES_DIR [SECONDS] < KEYS
 *
 * Asks libkmod for the modules of each line of standard input, without any configuration. Prints the names that it
 * gives, in its order, one line a key; with SECONDS it goes through the keys for so long and prints lookups a second.
 */
#include <libkmod.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void look_up(struct kmod_ctx *ctx, const char *key, int print)
{
	struct kmod_list *found = NULL, *item;

	/* an error is an answer too: no module */
	kmod_module_new_from_lookup(ctx, key, &found);
	kmod_list_foreach(item, found) {
		struct kmod_module *module = kmod_module_get_module(item);

		if (print)
			printf("%s%s", item == found ? "" : " ", kmod_module_get_name(module));
		kmod_module_unref(module);
	}
	if (print)
		putchar('\n');
	kmod_module_unref_list(found);
}

int main(int argc, char **argv)
{
	const char *no_config[] = { NULL };
	double seconds = argc > 2 ? atof(argv[2]) : 0;
	struct kmod_ctx *ctx = argc > 1 ? kmod_new(argv[1], no_config) : NULL;
	char **keys = NULL, *line = NULL;
	size_t n = 0, room = 0, done = 0;
	ssize_t length;

	if (!ctx || kmod_load_resources(ctx) < 0) {
		fprintf(stderr, "libkmod cannot load the indexes of %s\n", argc > 1 ? argv[1] : "no directory");
		return 2;
	}
	while ((length = getline(&line, &room, stdin)) > 0) {
		if (line[length - 1] == '\n')
			line[length - 1] = '\0';
		if (n % 4096 == 0)
			keys = realloc(keys, (n + 4096) * sizeof(*keys));
		keys[n++] = strdup(line);
	}
	if (seconds > 0 && n > 0) {
		double start = now(), end;

		do
			look_up(ctx, keys[done++ % n], 0);
		while ((end = now()) - start < seconds);
		printf("%.1f\n", done / (end - start));
	} else {
		for (size_t i = 0; i < n; i++)
			look_up(ctx, keys[i], 1);
	}
	return 0;
}
