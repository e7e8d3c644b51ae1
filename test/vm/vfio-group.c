// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-group GROUP DEVICE: opens /dev/vfio/GROUP as a virtual machine monitor would and prints one word a step,
 *   open RESULT / status FLAGS / container RESULT / iommu RESULT / device RESULT / held
 * then holds everything until standard input ends. RESULT is ok or an error number.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int say(const char *step, long result)
{
	if (result < 0)
		printf("%s %d\n", step, errno);
	else
		printf("%s ok\n", step);
	fflush(stdout);
	return result >= 0;
}

int main(int argc, char **argv)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	char path[64], byte;
	int container, group;

	if (argc != 3)
		return 2;
	snprintf(path, sizeof(path), "/dev/vfio/%s", argv[1]);
	container = open("/dev/vfio/vfio", O_RDWR);
	if (!say("open", group = open(path, O_RDWR)))
		return 1;
	if (ioctl(group, VFIO_GROUP_GET_STATUS, &status) == 0)
		printf("status %u\n", status.flags);
	if (say("container", ioctl(group, VFIO_GROUP_SET_CONTAINER, &container)) &&
	    say("iommu", ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU)))
		say("device", ioctl(group, VFIO_GROUP_GET_DEVICE_FD, argv[2]));
	puts("held");
	fflush(stdout);
	while (read(0, &byte, 1) > 0)
		;
	return 0;
}
