/* Prints the library's version and the vendors that it knows. */
#include <ccauth.h>
#include <stdio.h>

int main(void)
{
    printf("ccauth %s (0x%06x)\n", ccauth_version_string(), (unsigned)ccauth_version_number());
    printf("status -6 is %s\n", ccauth_status_name(-6));
    printf("%s\n", ccauth_vendors_json());
    return 0;
}
