"""The e-prescription messages (eResept): prescriptions, the lists of the registry, medicines in use, dispensings."""
