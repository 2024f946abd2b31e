import os
import sys

suites = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(suites, "pytest_asyncio"))  # the service is the same in both
