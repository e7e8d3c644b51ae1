// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-group GROUP [DEVICE]: opens /dev/vfio/GROUP as a virtual machine monitor would and prints one word a step,
 *   open RESULT / status FLAGS / container RESULT / iommu RESULT / device RESULT / held
 * then holds everything until standard input ends. RESULT is ok or an error number. Without a DEVICE it takes the steps
 * after the first two from lines of standard input: container, iommu, device NAME.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int container, group;

static int say(const char *step, long result)
{
	if (result < 0)
		printf("%s %d\n", step, errno);
	else
		printf("%s ok\n", step);
	fflush(stdout);
	return result >= 0;
}

static int take(char *step)
{
	if (!strcmp(step, "container"))
		return say(step, ioctl(group, VFIO_GROUP_SET_CONTAINER, &container));
	if (!strcmp(step, "iommu"))
		return say(step, ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU));
	return say("device", ioctl(group, VFIO_GROUP_GET_DEVICE_FD, step + strlen("device ")));
}

int main(int argc, char **argv)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	char text[64], container_step[] = "container", iommu_step[] = "iommu";

	if (argc < 2 || argc > 3)
		return 2;
	snprintf(text, sizeof(text), "/dev/vfio/%s", argv[1]);
	container = open("/dev/vfio/vfio", O_RDWR);
	if (!say("open", group = open(text, O_RDWR)))
		return 1;
	if (ioctl(group, VFIO_GROUP_GET_STATUS, &status) == 0)
		printf("status %u\n", status.flags);
	if (argc == 3 && take(container_step) && take(iommu_step)) {
		snprintf(text, sizeof(text), "device %s", argv[2]);
		take(text);
	}
	puts("held");
	fflush(stdout);
	while (fgets(text, sizeof(text), stdin)) {
		text[strcspn(text, "\n")] = 0;
		take(text);
	}
	return 0;
}
