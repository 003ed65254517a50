"""When and with what: definitions, resources, partitions, automation, sensors, schedules and the loop runner."""
