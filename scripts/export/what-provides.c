/*
 * what-provides < KEYS
 *
 * Asks libappstream, as appstreamcli what-provides modalias does, for the components that provide each line of standard
 * input. Prints their ids, sorted by libappstream, one line a key.
 */
#include <appstream.h>
#include <stdio.h>

int main(void)
{
	g_autoptr(AsPool) pool = as_pool_new();
	g_autoptr(GError) error = NULL;
	char *line = NULL;
	size_t room = 0;
	ssize_t length;

	if (!as_pool_load(pool, NULL, &error)) {
		fprintf(stderr, "libappstream cannot load its pool: %s\n", error->message);
		return 2;
	}
	while ((length = getline(&line, &room, stdin)) > 0) {
		g_autoptr(AsComponentBox) found = NULL;

		if (line[length - 1] == '\n')
			line[length - 1] = '\0';
		found = as_pool_get_components_by_provided_item(pool, AS_PROVIDED_KIND_MODALIAS, line);
		for (guint i = 0; i < as_component_box_len(found); i++)
			printf("%s%s", i ? " " : "", as_component_get_id(as_component_box_index(found, i)));
		putchar('\n');
	}
	return 0;
}
