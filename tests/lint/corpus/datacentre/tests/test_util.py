import random
import time
import unittest

from dcprov import globals as g
from dcprov.lib import *


class UtilTest(unittest.TestCase):
    def setUp(self):
        g.DEBUG = 1
        self.seed = random.randint(0, 99)

    def test_slug(self):
        begun = time.time()
        self.assertEqual(slug("Rack A/7"), "rack-a-7")
        self.assertLess(time.time() - begun, 1)

    def test_mac(self):
        for mac in {"00:11:22:33:44:55", "aa:bb:cc:dd:ee:ff"}:
            self.assertTrue(mac_ok(mac))

    def test_vlans(self):
        self.assertIn("mgmt", vlan_names())


if __name__ == "__main__":
    unittest.main()
